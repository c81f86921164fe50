import type { ErrorCode } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { type Asked, isWrite } from './asked.ts';
import { isJsonObject, type JsonObject, textOf } from './wire-objects.ts';

/** What a refused write means where its HTTP status alone says too little, or the wrong thing. */
export interface WriteRefusal {
  code: ErrorCode;
  hint: string;
}

export const MAYBE_WRITTEN = 'It may have been written all the same: look at the object before trying again.';

/** Whoever may refuse a write beside RBAC, as the API server's sentences name them. */
const ADMISSION: readonly { says: RegExp; code: ErrorCode; hint: (name: string) => string }[] = [
  {
    says: /admission webhook "([^"]+)" denied the request/,
    code: 'forbidden',
    hint: (name) => `The admission webhook "${name}" refused it, not RBAC: ask whoever runs that webhook.`,
  },
  {
    says: /ValidatingAdmissionPolicy '([^']+)'.* denied request/s,
    code: 'forbidden',
    hint: (name) =>
      `The ValidatingAdmissionPolicy "${name}" refused it, not RBAC: ask whoever wrote that policy.`,
  },
  {
    says: /admission webhook "([^"]+)" does not support dry run/,
    code: 'invalid',
    hint: (name) =>
      `A dry run cannot ask the admission webhook "${name}", so the API server refuses every one.`,
  },
  {
    says: /failed calling webhook "([^"]+)"/,
    code: 'server',
    hint: (name) =>
      `The admission webhook "${name}" does not answer: repair it, or the configuration that asks it.`,
  },
];

function ofAdmission(message: string): WriteRefusal | null {
  for (const { says, code, hint } of ADMISSION) {
    const name = says.exec(message)?.[1];
    if (name !== undefined) return { code, hint: hint(printable(name)) };
  }
  return null;
}

/** A patch that brings another uid is told that a uid cannot be changed: the object is not the one that was meant. */
function isOtherObject(asked: Asked, status: JsonObject | null): boolean {
  const details = status?.['details'];
  const causes = isJsonObject(details) ? details['causes'] : null;
  return (
    asked.verb === 'patch' &&
    Array.isArray(causes) &&
    causes.some((cause) => isJsonObject(cause) && cause['field'] === 'metadata.uid')
  );
}

/** Failures behind the server that answered: what it had passed on may have been done. */
function unansweredCode(httpStatus: number, message: string): 'timeout' | 'unreachable' | null {
  if (httpStatus === 504) return 'timeout';
  if (httpStatus === 502) return 'unreachable';
  const late = /timed out|deadline exceeded|leader changed/;
  return httpStatus >= 500 && late.test(message) ? 'timeout' : null;
}

/** Null for reads, and where the HTTP status says it all. `status`: the API server's own answer, if it was one. */
export function writeRefusal(
  asked: Asked,
  status: JsonObject | null,
  httpStatus: number,
): WriteRefusal | null {
  if (!isWrite(asked)) return null;
  const message = textOf(status?.['message']);
  const admission = ofAdmission(message);
  if (admission !== null) return admission;
  if (httpStatus === 409 || (httpStatus === 422 && isOtherObject(asked, status))) {
    const hint = asked.verb === 'create' ? 'It exists already.' : 'It changed meanwhile: look at it again.';
    return { code: 'conflict', hint };
  }
  const code = unansweredCode(httpStatus, message);
  if (code !== null) return { code, hint: MAYBE_WRITTEN };
  if (httpStatus === 403 && status !== null && !/cannot \w+ resource "/.test(message)) {
    return {
      code: 'forbidden',
      hint: 'Admission control refused it, not RBAC: its reason is in the message.',
    };
  }
  return null;
}
