/** Fields of API objects, which may hold anything: what is not of the expected type is as good as absent. */

import { isJsonObject, type JsonObject } from './formats/json.ts';

export type Json = unknown;

function fieldOf(object: Json, field: string): Json {
  return isJsonObject(object) && Object.hasOwn(object, field) ? object[field] : undefined;
}

export function objectAt(object: Json, field: string): JsonObject | null {
  const value = fieldOf(object, field);
  return isJsonObject(value) ? value : null;
}

export function arrayAt(object: Json, field: string): Json[] {
  const value = fieldOf(object, field);
  return Array.isArray(value) ? value : [];
}

export function stringAt(object: Json, field: string): string | null {
  const value = fieldOf(object, field);
  return typeof value === 'string' ? value : null;
}

export function numberAt(object: Json, field: string): number | null {
  const value = fieldOf(object, field);
  return typeof value === 'number' ? value : null;
}

export function booleanAt(object: Json, field: string): boolean | null {
  const value = fieldOf(object, field);
  return typeof value === 'boolean' ? value : null;
}
