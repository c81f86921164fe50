/** The terminal that a person sits at, as much of it as a full-screen program needs. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Stops this job, as ctrl-Z does where it is not read as a key; resolves when it goes on. */
  stop(): Promise<void>;
  /** `restore` runs before an unexpected error is told and ends the program. Gives how to take it back. */
  onCrash(restore: () => void): () => void;
}
