/** The terminal that a person sits at, as much of it as a full-screen program needs. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Stops this job, as ctrl-Z does where it is not read as a key; resolves when it goes on. */
  stop(): Promise<void>;
  /** `restore` runs before an unexpected error is told and ends the program. Gives how to take it back. */
  onCrash(restore: () => void): () => void;
}

/** As much of this process as it takes to stop its job. */
interface StoppableProcess {
  readonly platform: string;
  once(signal: 'SIGCONT', heard: () => void): unknown;
  kill(pid: number, signal: 'SIGTSTP'): unknown;
}

/** Stops the job of this process, and resolves when it goes on: at once on Windows, which stops none. */
export function stopJob(self: StoppableProcess): Promise<void> {
  if (self.platform === 'win32') return Promise.resolve();
  return new Promise((resolve) => {
    self.once('SIGCONT', () => resolve());
    // The whole job, as the terminal itself would: kubectl, where it waits for us, is part of it.
    self.kill(0, 'SIGTSTP');
  });
}
