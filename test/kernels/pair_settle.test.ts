import { describe, expect, test } from "vitest";
import { pairSettle } from "../../src/kernels/pair_settle.ts";
import { pairSettle as reference } from "../../src/reference/pair_settle.ts";
import { useGpu } from "../support/gpu.ts";
import { seededRandom } from "../support/random.ts";

describe("pairSettle()", () => {
  const context = useGpu();

  test.each([0, 1, 63, 64, 5000])("%i pairs equal the twin", async (pairCount) => {
    const random = seededRandom(pairCount + 1);
    const rowCount = 40;
    const pairs = Uint32Array.from({ length: pairCount * 2 }, () => Math.floor(random() * rowCount));
    // Few distinct scores, so that most of a row's pairs tie.
    const levels = [-1, 0.5, 0.75];
    const pairScores = Float32Array.from({ length: pairCount }, () => levels[Math.floor(random() * 3)]!);
    const scores = Float32Array.from({ length: rowCount }, () => levels[1 + Math.floor(random() * 2)]!);
    const indices = new Uint32Array(rowCount).fill(0xffffffff, 0, 20).fill(7, 20);
    expect(await pairSettle(context.gpu, pairs, pairScores, scores, indices)).toEqual(
      reference(pairs, pairScores, scores, indices),
    );
  });

  test("a pair below the threshold settles nothing", async () => {
    const settled = await pairSettle(
      context.gpu,
      Uint32Array.of(1, 0),
      Float32Array.of(-1),
      Float32Array.of(0, 0),
      Uint32Array.of(0, 1),
    );
    expect([...settled]).toEqual([0, 1]);
  });
});
