// How long something takes: warmed up once, then repeated; median, fastest and the spread of the middle half.

export interface Timing {
  /** Seconds. */
  readonly median: number;
  readonly fastest: number;
  /** Share by which the middle half of the runs differ. */
  readonly spread: number;
  readonly runCount: number;
}

export interface RepeatRule {
  readonly least: number;
  readonly budgetSeconds: number;
  readonly most: number;
}

const quickRule: RepeatRule = { least: 3, budgetSeconds: 0, most: 3 };
const fullRule: RepeatRule = { least: 5, budgetSeconds: 0.5, most: 200 };

/** Work that takes longer than this is not run for warming up alone, and fewer times. */
const slowSeconds = 4;

export async function timeRuns(quick: boolean, work: () => Promise<unknown>): Promise<Timing> {
  const rule = quick ? quickRule : fullRule;
  const seconds: number[] = [];
  const once = async (): Promise<number> => {
    const started = performance.now();
    await work();
    return (performance.now() - started) / 1000;
  };
  const first = await once();
  if (first > slowSeconds) seconds.push(first);
  const least = first > slowSeconds ? 2 : rule.least;
  for (
    let total = 0;
    seconds.length < least || (total < rule.budgetSeconds && seconds.length < rule.most);
  ) {
    const taken = await once();
    seconds.push(taken);
    total += taken;
  }
  return summarize(seconds);
}

/** Work shorter than this is submitted several times before it is waited for: a wait wakes up to a millisecond late. */
const leastBatchSeconds = 0.05;

/** Times what `submit` puts on a queue that `settle` waits for; of one submission. */
export async function timeSubmissions(
  quick: boolean,
  submit: () => void | Promise<void>,
  settle: () => Promise<void>,
): Promise<Timing> {
  const batch = async (count: number): Promise<number> => {
    const started = performance.now();
    for (let i = 0; i < count; i++) await submit();
    await settle();
    return (performance.now() - started) / 1000;
  };
  await batch(1);
  const once = await batch(1);
  const count = quick ? 1 : Math.min(100, Math.max(1, Math.ceil(leastBatchSeconds / once)));
  const timing = await timeRuns(quick, () => batch(count));
  return { ...timing, median: timing.median / count, fastest: timing.fastest / count };
}

export function summarize(runs: readonly number[]): Timing {
  const seconds = [...runs].sort((a, b) => a - b);
  const at = (share: number): number => seconds[Math.floor(share * (seconds.length - 1))] ?? Number.NaN;
  const median = at(0.5);
  return { median, fastest: at(0), spread: (at(0.75) - at(0.25)) / median, runCount: seconds.length };
}
