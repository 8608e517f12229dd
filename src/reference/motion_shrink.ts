// Twin of motion_shrink in plain loops.

export function motionShrink(frames: Uint32Array, width: number, height: number): Uint32Array {
  const [halfWidth, halfHeight] = [width / 2, height / 2];
  const frameCount = frames.length / (width * height);
  const halves = new Uint32Array(frameCount * halfWidth * halfHeight);
  for (let row = 0; row < frameCount * halfHeight; row++) {
    for (let column = 0; column < halfWidth; column++) {
      const at = 2 * row * width + 2 * column;
      const sum = frames[at]! + frames[at + 1]! + frames[at + width]! + frames[at + width + 1]!;
      halves[row * halfWidth + column] = (sum + 2) >> 2;
    }
  }
  return halves;
}
