/** What is said while something takes its time. */

export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** `doing` in words, and how far it is: times in milliseconds. */
export function describeProgress(doing: string, elapsedMs: number, forMs: number): string {
  return `${doing}, ${wholeSeconds(elapsedMs)} of ${wholeSeconds(forMs)} s`;
}

/** How the watching of a lock goes; `label` must be printable. */
export function describeWatching(
  label: string,
  { elapsedMs, forMs, seen }: { elapsedMs: number; forMs: number; seen: number },
): string {
  const count = seen === 1 ? '1 renewal' : `${seen} renewals`;
  return `${describeProgress(`watching ${label}`, elapsedMs, forMs)}: ${count} seen`;
}
