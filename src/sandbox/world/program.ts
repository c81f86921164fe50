/** Where a program runs. */
export interface Surroundings {
  namespace: string;
  pod: string;
  node: string;
  /** What the machine calls itself: the Pod's name, or the Node's on its network. */
  hostname: string;
  /** As whom it talks to the API server. */
  user: string;
  /** True for a process that has been running since before the sandbox began. */
  resumed: boolean;
}

/** A program that runs in a container. */
export interface Process {
  /** The identities under which it leads now. */
  readonly leads: readonly string[];
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  /** SIGTERM; resolves when it has exited. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): void;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
}

export type Program = (surroundings: Surroundings) => Process;

/** What a container does that campaigns for nothing: it runs until it is stopped. */
export const idle: Program = () => {
  let exit = (_code: number): void => {};
  const exited = new Promise<number>((resolve) => {
    exit = resolve;
  });
  return {
    leads: [],
    exited,
    stop: async () => exit(0),
    kill: () => exit(137),
    freeze: () => {},
    thaw: () => {},
  };
};
