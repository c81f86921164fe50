import { isLeaderError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { apiVersionOf } from './kinds.ts';
import type { ObjectClient } from './object-client.ts';
import { event } from './objects/events.ts';
import type { ResourceLock } from './resource-lock.ts';

let named = 0;

/** The nanoseconds of the moment in hexadecimal, as client-go names Events; no two alike. */
export function uniqueEventName(lock: string, at: Instant): string {
  named += 1;
  return `${lock}.${(BigInt(Math.trunc(at)) * 1_000_000n + BigInt(named)).toString(16)}`;
}

/** The Event that client-go records on each object of a lock; like there, one that cannot be written is lost. */
export async function recordElection(
  client: ObjectClient,
  objects: ResourceLock['objects'],
  said: { message: string; at: Instant; component: string },
  eventName: (lock: string, at: Instant) => string,
): Promise<void> {
  for (const { resource, namespace, name, uid } of objects) {
    const apiVersion = apiVersionOf(resource);
    const about = { kind: resource.kind, namespace, name, apiVersion, ...(uid !== null && { uid }) };
    try {
      await client.create(event({ ...said, name: eventName(name, said.at), about }));
    } catch (error) {
      if (!isLeaderError(error)) throw error;
    }
  }
}
