// The figures of one video, for the run record.

/** What came of one video; the `summary` of its unit. */
export interface SplitSummary {
  /** Clips that no filter dropped, and their length. */
  readonly clips: number;
  readonly clipSeconds: number;
  /** Clips that the motion filter dropped. */
  readonly filteredClips: number;
  /** Clips of which no frame decodes. */
  readonly lostClips: number;
  /** Complaints of the decoder, whether they stopped it or not. */
  readonly decodeErrors: number;
  /** What was altered on the way, one sentence each. */
  readonly notes: readonly string[];
}

/** Before anything came of a video. */
export const nothingMade: SplitSummary = {
  ...{ clips: 0, clipSeconds: 0, filteredClips: 0, lostClips: 0, decodeErrors: 0 },
  notes: [],
};
