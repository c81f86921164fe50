import type { Snapshot } from '../core/report.ts';
import type { Look } from '../output/index.ts';
import { isColored } from './color.ts';
import type { Host } from './host.ts';
import { doubts, nextStep, nothingFound, Remarks } from './ls-remarks.ts';
import type { LsRequest } from './ls-request.ts';

export function lookFor(host: Host, { color, headers }: LsRequest): Look {
  return { headers, color: isColored(host, color), width: host.stdout.columns };
}

/** Prints a list whose reports are filtered and in order already; `found` counts them before. */
export async function printList(
  host: Host,
  request: LsRequest,
  snapshot: Snapshot,
  look: Look,
  found: number,
): Promise<void> {
  const { reports, notes } = snapshot;
  host.stdout.write(await request.output.render(snapshot, look));
  const remarks = new Remarks((text) => host.stderr.write(text));
  remarks.tell(notes);
  if (!request.output.forPeople) return;
  if (reports.length === 0) host.stderr.write(nothingFound(request, notes, found));
  remarks.say([...doubts(snapshot, request), ...nextStep(snapshot, request, host.program)]);
}
