// Executors take stages in order and their units side by side. The interface knows nothing of where units run, so a
// queue over many machines can stand in for the local one.
import type { ReasonCode } from "../errors.ts";
import type { Stage, StageContext } from "../stages/stage.ts";
import type { JsonValue } from "../types.ts";

export interface UnitResult {
  readonly key: string;
  /** done: worked now. resumed: found finished. skipped: not fit to be worked. failed: named reason, others go on. */
  readonly status: "done" | "resumed" | "skipped" | "failed";
  readonly reason: ReasonCode | null;
  readonly message: string | null;
  /** What the stage's outcome said, or what a failed unit's error did; null where neither has figures. */
  readonly summary: JsonValue;
}

export interface StageResult {
  readonly name: string;
  readonly seconds: number;
  readonly units: readonly UnitResult[];
}

export interface Executor {
  /**
   * Works all units of all stages, one stage after the other. Rejects when the run as a whole cannot go on.
   * @param onStage is told of each stage when it ends, and waited for; of one cut short, with reason "interrupted" for what is missing.
   */
  run(
    stages: readonly Stage[],
    context: StageContext,
    onStage?: (result: StageResult) => void | Promise<void>,
  ): Promise<readonly StageResult[]>;
}
