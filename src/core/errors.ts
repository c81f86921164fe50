/**
 * One error type for everything a user can be told about: what failed, where, and what to do. The message is
 * complete in one line and carries no credential; `cause` is for debugging and is never printed by default.
 */
export type ErrorCode =
  | 'usage'
  | 'config'
  | 'credentials'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'not-served'
  | 'conflict'
  | 'invalid'
  | 'gone'
  | 'throttled'
  | 'timeout'
  | 'unreachable'
  | 'tls'
  | 'bad-answer'
  | 'server'
  | 'refused'
  | 'interrupted';

export class LeaderError extends Error {
  readonly code: ErrorCode;
  /** What the user can do about it, as one sentence or command; null when there is nothing to advise. */
  readonly hint: string | null;
  /** Milliseconds that the server asked to wait before the next try (429, 503), or null. */
  readonly retryAfterMs: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | null; cause?: unknown; retryAfterMs?: number | null } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LeaderError';
    this.code = code;
    this.hint = options.hint ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export function isLeaderError(error: unknown, ...codes: ErrorCode[]): error is LeaderError {
  return error instanceof LeaderError && (codes.length === 0 || codes.includes(error.code));
}

/** The error as a LeaderError; anything unforeseen keeps its text and loses its stack. */
export function asLeaderError(error: unknown): LeaderError {
  if (error instanceof LeaderError) return error;
  return new LeaderError('server', error instanceof Error ? error.message : String(error), { cause: error });
}
