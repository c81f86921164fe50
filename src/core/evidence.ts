import type { Gap } from './gap.ts';

/**
 * What a verdict rests on. `watched`: seen to happen (or not) on this process's own clock while connected.
 * `clock`: concluded by comparing clocks, which may be wrong. `read`: stands in an object that was read.
 */
type Grade = 'watched' | 'clock' | 'read';

export interface Evidence {
  text: string;
  grade: Grade;
  /** Where it was seen: an object (`pod kube-system/x`), `the watch`, `the API server's clock`. */
  from: string;
}

/** Something that could not be read or done, said once and kept in structured output. Never hides the rest. */
export interface Note {
  /** Stable word for programs. */
  code:
    | 'unreadable'
    | 'not-served'
    | 'narrowed'
    | 'common-cause'
    | 'stale-cache'
    | 'clock-skew'
    | 'provisional'
    | 'blind'
    | 'interrupted';
  text: string;
  hint: string | null;
  /** Set where it tells of a reading that failed. Not part of structured output, which has the whole sentence. */
  gap?: Gap;
}
