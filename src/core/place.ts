import { printable } from './text.ts';

/** Which cluster is meant. */
export interface Place {
  /** The kubeconfig's context; null where there is none. */
  context: string | null;
  /** `https://host:port`. */
  server: string;
}

/** For a line of its own, printable: `prod (https://10.0.0.1:6443)`, or the server alone. */
export function describePlace({ context, server }: Place): string {
  return printable(context === null ? server : `${context} (${server})`);
}
