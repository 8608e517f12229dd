import { describe, expect, test } from "vitest";
import { DeviceLostError, InputError, InterruptedError, MediaEngineError } from "../../src/errors.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import type { Stage, StageContext, StageProgress, Unit } from "../../src/stages/stage.ts";

interface Counting {
  readonly stage: Stage;
  /** Keys in the order they were processed. */
  readonly processed: string[];
}

/** A stage that writes `<key>.txt` for each unit, and behaves as `act` says. */
function countingStage(
  units: readonly Unit[],
  act: (unit: Unit) => void | Promise<void> = () => {},
  dryRun = false,
): Counting {
  const processed: string[] = [];
  const stage: Stage = {
    name: "count",
    noun: "things",
    outputPath: "out",
    maxConcurrency: 8,
    guardsOutput: true,
    dryRun,
    describe: () => ({ name: "count", reads: "nothing", writes: "out", options: {} }),
    units: async () => units,
    process: async (unit, context) => {
      processed.push(unit.key);
      await act(unit);
      const path = `${unit.key}.txt`;
      if (!dryRun) await context.openStorage("out").write(path, `made from ${unit.fingerprint}`);
      return { outputs: dryRun ? [] : [path], summary: { key: unit.key } };
    },
  };
  return { stage, processed };
}

function contextOn(
  storage: MemoryStorage,
  signal = new AbortController().signal,
  events: StageProgress[] = [],
): StageContext {
  const absent = (): Promise<never> => Promise.reject(new Error("not part of this test"));
  return {
    openStorage: () => storage,
    device: absent,
    mediaEngine: absent,
    model: absent,
    encoder: absent,
    shotModelFiles: absent,
    shotModel: absent,
    log: () => {},
    progress: (event) => events.push(event),
    signal,
  };
}

const unit = (key: string, fingerprint = "1"): Unit => ({ key, fingerprint, payload: null });

async function paths(storage: MemoryStorage): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of storage.list("")) if (!path.startsWith(".clipsieve/")) found.push(path);
  return found;
}

describe("LocalExecutor", () => {
  test("does no unit again that is finished", async () => {
    const context = contextOn(new MemoryStorage());
    const { stage, processed } = countingStage([unit("a"), unit("b")]);
    const first = await new LocalExecutor().run([stage], context);
    const second = await new LocalExecutor().run([stage], context);
    expect(first[0]!.units.map(({ status }) => status)).toEqual(["done", "done"]);
    expect(second[0]!.units.map(({ status }) => status)).toEqual(["resumed", "resumed"]);
    expect(second[0]!.units.map(({ summary }) => summary)).toEqual([{ key: "a" }, { key: "b" }]);
    // Units run side by side: which begins is not promised, how often each is worked is.
    expect([...processed].sort()).toEqual(["a", "b"]);
  });

  test("does a unit again whose output is gone or of another size", async () => {
    const storage = new MemoryStorage();
    const { stage, processed } = countingStage([unit("a"), unit("b"), unit("c")]);
    await new LocalExecutor().run([stage], contextOn(storage));
    await storage.delete("a.txt");
    await storage.write("b.txt", "cut");
    await new LocalExecutor({ concurrency: 1 }).run([stage], contextOn(storage));
    expect(processed.slice(3)).toEqual(["a", "b"]);
  });

  test("removes what another fingerprint left before it works a unit anew", async () => {
    const storage = new MemoryStorage();
    await new LocalExecutor().run([countingStage([unit("a", "old")]).stage], contextOn(storage));
    let seen: string[] = [];
    const { stage } = countingStage([unit("a", "new")], async () => {
      seen = await paths(storage);
    });
    await new LocalExecutor().run([stage], contextOn(storage));
    expect(seen).toEqual([]);
    expect(new TextDecoder().decode(await storage.read("a.txt"))).toBe("made from new");
  });

  test("removes the outputs of inputs that are gone", async () => {
    const storage = new MemoryStorage();
    await new LocalExecutor().run([countingStage([unit("a"), unit("b")]).stage], contextOn(storage));
    await new LocalExecutor().run([countingStage([unit("b")]).stage], contextOn(storage));
    expect(await paths(storage)).toEqual(["b.txt"]);
  });

  test("leaves an output folder alone that holds the results of other inputs", async () => {
    const storage = new MemoryStorage();
    await new LocalExecutor().run([countingStage([unit("a")]).stage], contextOn(storage));
    const other = new LocalExecutor().run([countingStage([unit("b")]).stage], contextOn(storage));
    await expect(other).rejects.toThrow("it holds the results of other things: a");
    expect(await paths(storage)).toEqual(["a.txt"]);
  });

  test("records a failing unit by its reason and works the others", async () => {
    const { stage } = countingStage([unit("bad"), unit("odd"), unit("good")], ({ key }) => {
      if (key === "bad") throw new InputError("decode-failed", "Cannot decode bad");
      if (key === "odd") throw new TypeError("surprise");
    });
    const [result] = await new LocalExecutor().run([stage], contextOn(new MemoryStorage()));
    expect(result!.units.map(({ status, reason }) => [status, reason])).toEqual([
      ["failed", "decode-failed"],
      ["failed", "internal"],
      ["done", null],
    ]);
  });

  test("tries a failed unit again on the next run", async () => {
    const context = contextOn(new MemoryStorage());
    let broken = true;
    const { stage } = countingStage([unit("a")], () => {
      if (broken) throw new InputError("timeout", "Cannot finish a in time");
    });
    await new LocalExecutor().run([stage], context);
    broken = false;
    const [result] = await new LocalExecutor().run([stage], context);
    expect(result!.units[0]!.status).toBe("done");
  });

  test("starts a unit over once when the device is lost", async () => {
    let losses = 1;
    const { stage, processed } = countingStage([unit("a")], () => {
      if (losses-- > 0) throw new DeviceLostError("Cannot go on as the GPU device was lost");
    });
    const [result] = await new LocalExecutor().run([stage], contextOn(new MemoryStorage()));
    expect(result!.units[0]!.status).toBe("done");
    expect(processed).toEqual(["a", "a"]);
  });

  test("ends the run where every unit would fail alike", async () => {
    const { stage, processed } = countingStage([unit("a"), unit("b")], () => {
      throw new MediaEngineError("Cannot find ffmpeg");
    });
    const run = new LocalExecutor({ concurrency: 1 }).run([stage], contextOn(new MemoryStorage()));
    await expect(run).rejects.toThrow("Cannot find ffmpeg");
    expect(processed).toEqual(["a"]);
  });

  test("stops on an abort and goes on from there", async () => {
    const storage = new MemoryStorage();
    const controller = new AbortController();
    const units = [unit("a"), unit("b"), unit("c")];
    const stopping = countingStage(units, ({ key }) => {
      if (key === "b") controller.abort();
    });
    const stopped = new LocalExecutor({ concurrency: 1 }).run(
      [stopping.stage],
      contextOn(storage, controller.signal),
    );
    await expect(stopped).rejects.toBeInstanceOf(InterruptedError);
    const going = countingStage(units);
    await new LocalExecutor({ concurrency: 1 }).run([going.stage], contextOn(storage));
    expect(going.processed).toEqual(["c"]);
  });

  test("keeps to the smaller of its own and the stage's concurrency", async () => {
    let running = 0;
    let most = 0;
    let waiting: (() => void)[] = [];
    const units = Array.from({ length: 9 }, (_, index) => unit(`u${index}`));
    const { stage } = countingStage(units, async () => {
      most = Math.max(most, ++running);
      // Nobody leaves before three are in: fewer at a time would never end.
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length < 3) return;
        for (const release of waiting) release();
        waiting = [];
      });
      running--;
    });
    await new LocalExecutor({ concurrency: 3 }).run([stage], contextOn(new MemoryStorage()));
    expect(most).toBe(3);
  });

  test("writes nothing, the journal included, for a dry stage", async () => {
    const storage = new MemoryStorage();
    const { stage } = countingStage([unit("a")], () => {}, true);
    await new LocalExecutor().run([stage], contextOn(storage));
    const all: string[] = [];
    for await (const { path } of storage.list("")) all.push(path);
    expect(all).toEqual([]);
  });

  test("reports progress from nothing to all", async () => {
    const events: StageProgress[] = [];
    const { stage } = countingStage([unit("a"), unit("b")]);
    await new LocalExecutor({ concurrency: 1 }).run(
      [stage],
      contextOn(new MemoryStorage(), undefined, events),
    );
    expect(events.map(({ done, total, noun }) => [done, total, noun])).toEqual([
      [0, 2, "things"],
      [1, 2, "things"],
      [2, 2, "things"],
    ]);
  });

  test("a stage whose units are no files of the user's must be whole, or the run ends there", async () => {
    const parts = countingStage([unit("0"), unit("1")], ({ key }) => {
      if (key === "1") throw new Error("the device said no");
    });
    const later = countingStage([unit("z")]);
    const told: (readonly [name: string, statuses: readonly string[]])[] = [];
    const run = new LocalExecutor().run(
      [{ ...parts.stage, guardsOutput: false }, later.stage],
      contextOn(new MemoryStorage()),
      ({ name, units }) => {
        told.push([name, units.map(({ status }) => status)]);
      },
    );
    await expect(run).rejects.toThrow(/Cannot go on after count .*1 of 2 things failed.*the device said no/);
    expect(later.processed).toEqual([]);
    expect(told).toEqual([["count", ["done", "failed"]]]);
  });

  test("a stage cut short names what it did not get to", async () => {
    const stop = new AbortController();
    const { stage } = countingStage([unit("a"), unit("b"), unit("c")], ({ key }) => {
      if (key === "b") stop.abort();
    });
    const told: (readonly [key: string, status: string, reason: string | null])[] = [];
    const run = new LocalExecutor({ concurrency: 1 }).run(
      [stage],
      contextOn(new MemoryStorage(), stop.signal),
      ({ units }) => {
        told.push(...units.map(({ key, status, reason }) => [key, status, reason] as const));
      },
    );
    await expect(run).rejects.toThrow(InterruptedError);
    expect(told).toEqual([
      ["a", "done", null],
      ["b", "done", null],
      ["c", "failed", "interrupted"],
    ]);
  });
});
