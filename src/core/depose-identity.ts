/** Under which name this tool holds a lock: whoever reads the record sees what holds it, for whom, and where. */

const PREFIX = 'kubectl-leader-depose_';

/** Longest part that a user's or a machine's name may take, characters. */
const LONGEST_NAME = 63;

/** A name as it can stand in an identity: nothing that separates its parts, or that a client might not expect. */
function part(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, LONGEST_NAME);
  return safe.replace(/^-+$/, '') || 'unknown';
}

/** Who deposes: the user and the machine by name, and a UUID that nobody else has. */
export interface Deposer {
  user: string;
  host: string;
  uuid: string;
}

/** `kubectl-leader-depose_<user>@<host>_<uuid>`. */
export function deposeIdentity({ user, host, uuid }: Deposer): string {
  return `${PREFIX}${part(user)}@${part(host)}_${uuid}`;
}

/** `<user>@<host>` as an identity of ours names them, not yet printable; null for any other identity. */
export function deposerIn(identity: string): string | null {
  return isDeposer(identity) ? identity.slice(PREFIX.length).replace(/_[^_]*$/, '') : null;
}

/** Whether an identity is that of somebody who deposes: a lock held so is freed, or runs out, by itself. */
export function isDeposer(identity: string): boolean {
  return identity.startsWith(PREFIX);
}
