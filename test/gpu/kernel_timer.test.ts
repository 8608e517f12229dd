import { expect, test } from "vitest";
import { panelByteLength, recordPanelPack } from "../../src/kernels/panel_pack.ts";
import { useGpu } from "../support/gpu.ts";

const device = useGpu();

test("timed() sums what each kernel took, over more passes than one query set holds, and only inside it", async () => {
  const { gpu } = device;
  const dim = 8;
  const rows = gpu.upload("test.rows", new Float32Array(64 * dim).fill(1));
  const panels = gpu.buffer("test.panels", panelByteLength(64, dim));
  const pack = (dispatchCount: number): void =>
    gpu.submit("test", (recorder) => {
      for (let i = 0; i < dispatchCount; i++) recordPanelPack(recorder, { rows, panels, rowCount: 64, dim });
    });
  pack(1);
  const started = performance.now();
  const { result, kernels } = await gpu.timed(async () => {
    for (let i = 0; i < 21; i++) pack(100);
    await gpu.settle();
    return "done";
  });
  const wallSeconds = (performance.now() - started) / 1000;
  pack(1);
  expect(result).toBe("done");
  expect(kernels === null).toBe(!gpu.supports("timestamp-query"));
  for (const { kernel, dispatchCount, seconds } of kernels ?? []) {
    expect([kernel, dispatchCount]).toEqual(["panel_pack", 2100]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(wallSeconds);
  }
  expect((await gpu.timed(async () => undefined)).kernels ?? []).toEqual([]);
  rows.destroy();
  panels.destroy();
});
