/** How long to wait for somebody to take a lock unless that is said, milliseconds. */

export const RELEASE_WAIT_MS = 30_000;

/** Longer than after a release: a process that lost its lock is started again first. */
export const DEPOSE_WAIT_MS = 60_000;
