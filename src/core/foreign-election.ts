import type { ClusterObject } from './cluster-object.ts';
import { objectAt } from './fields.ts';
import { commandLine } from './next-step.ts';

/** An election that is none of candidates who wait for a record to run out: how its leader is moved instead. */
export interface ForeignElection {
  /** Completes "it is ...". */
  what: string;
  instead: string;
}

function annotationsOf({ metadata }: ClusterObject): Readonly<Record<string, unknown>> {
  return objectAt(metadata, 'annotations') ?? {};
}

function dataKeys(object: ClusterObject): string[] {
  return Object.keys(objectAt(object, 'data') ?? {});
}

function deletePod(object: ClusterObject, name = 'POD'): string {
  return commandLine('kubectl', '-n', object.metadata.namespace ?? '', 'delete', 'pod', name);
}

/** How each of them shows, most telling first; null where it does not. */
const ELECTIONS: readonly ((object: ClusterObject) => ForeignElection | null)[] = [
  // Other records of Patroni's carry a leader too, but no time to live.
  (object) =>
    ['leader', 'ttl', 'renewTime'].every((key) => typeof annotationsOf(object)[key] === 'string')
      ? {
          what: "Patroni's leader record: whoever leads is the primary of a database",
          instead: 'Have Patroni hand it over, after it made sure of the replica: patronictl switchover',
        }
      : null,
  (object) => {
    const key = dataKeys(object).find((name) => /^leader\.(?:id|pod)\./.test(name));
    return key === undefined
      ? null
      : {
          what: `an election by membership (${key}): its members obey a ready Pod of theirs and no time`,
          instead: `Delete the Pod that leads: ${deletePod(object)}`,
        };
  },
  (object) => {
    const owners = object.metadata.ownerReferences ?? [];
    const [owner] = owners;
    const isForLife = object.kind === 'ConfigMap' && owners.length === 1 && owner?.kind === 'Pod';
    if (!isForLife || dataKeys(object).length > 0) return null;
    return {
      what: `held by the Pod ${owner.name} for its life: nobody waits for it to run out`,
      instead: `Delete that Pod, and the lock goes with it: ${deletePod(object, owner.name)}`,
    };
  },
];

/** What kind of election an object carries that no record of a client-go's kind is found in; null if none is known. */
export function foreignElectionIn(object: ClusterObject): ForeignElection | null {
  for (const election of ELECTIONS) {
    const found = election(object);
    if (found !== null) return found;
  }
  return null;
}
