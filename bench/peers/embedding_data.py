"""The rows of bench/embedding_data.ts, made with torch where they are used: equal up to the rounding of f32."""

import torch

GOLDEN = 0x9E3779B9
MASK = 0xFFFFFFFF


def hash32(value):
    mixed = value ^ (value >> 16)
    mixed = (mixed * 0x7FEB352D) & MASK
    mixed = mixed ^ (mixed >> 15)
    # The product of two 32-bit numbers may pass 2^63: its low half is what counts, and wraps alike.
    mixed = (mixed * 0x846CA68B) & MASK
    return mixed ^ (mixed >> 16)


class Plan:
    """A plan as it comes in JSON; rows are made in pieces, on any device."""

    def __init__(self, plan, device):
        self.__dict__.update(plan)
        self.device = device
        self.clustered = plan["kind"] != "uniform"
        self.falling = plan["kind"] == "falling"
        places = torch.arange(self.dim, device=device, dtype=torch.int64) * 197 % self.dim
        self.spectrum = 1.0 / torch.sqrt(1.0 + places.float())
        self.columns = (torch.arange(self.dim, device=device, dtype=torch.int64) * GOLDEN) & MASK

    def draw(self, stream, index):
        start = hash32(torch.tensor(self.seed * 8 + stream, dtype=torch.int64, device=self.device))
        return hash32(start ^ index)

    def noise(self, start):
        bits = hash32((start[:, None] + self.columns) & MASK)
        total = (bits & 255) + ((bits >> 8) & 255) + ((bits >> 16) & 255) + (bits >> 24)
        return (total.float() - 510.0) / 147.8

    def marked(self, rows):
        if not self.clustered or self.plantedEvery == 0:
            return torch.zeros_like(rows, dtype=torch.bool)
        place = rows if self.groupRows == 0 else rows % self.groupRows
        return (place != 0) & (self.draw(3, rows) % self.plantedEvery == 0)

    def originals(self, rows):
        """The row that each is planted next to, or -1."""
        first = torch.zeros_like(rows) if self.groupRows == 0 else rows - rows % self.groupRows
        original = first + self.draw(4, rows) % torch.clamp(rows - first, min=1)
        planted = self.marked(rows) & ~self.marked(original)
        return torch.where(planted, original, torch.full_like(rows, -1))

    def centers(self, rows):
        if self.groupRows > 0:
            return rows // self.groupRows
        return torch.maximum(self.draw(1, rows) % self.centerCount, self.draw(2, rows) % self.centerCount)

    def rows(self, first, last):
        """f32, (last - first) x dim, of length 1."""
        rows = torch.arange(first, last, device=self.device, dtype=torch.int64)
        original = self.originals(rows)
        base = torch.where(original < 0, rows, original)
        own = self.draw(6, base)
        if self.clustered:
            values = (0.7 if self.falling else 1.0) * self.noise(own) + self.noise(self.draw(5, self.centers(base)))
        else:
            values = hash32((own[:, None] + self.columns) & MASK).float() / 2**31 - 1.0
        planted = (original >= 0).float()[:, None]
        values += 0.1 * planted * self.noise(self.draw(7, rows))
        if self.falling:
            values *= self.spectrum
        return values / values.norm(dim=1, keepdim=True)

    def matrix(self, piece=1 << 16):
        out = torch.empty((self.rowCount, self.dim), device=self.device)
        for first in range(0, self.rowCount, piece):
            last = min(self.rowCount, first + piece)
            out[first:last] = self.rows(first, last)
        return out
