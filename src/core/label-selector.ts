import { arrayAt, type Json, objectAt, stringAt } from './fields.ts';

type Labels = Readonly<Record<string, string>>;

function meets(requirement: Json, labels: Labels): boolean {
  const key = stringAt(requirement, 'key') ?? '';
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const isIn = value !== undefined && arrayAt(requirement, 'values').includes(value);
  switch (stringAt(requirement, 'operator')) {
    case 'In':
      return isIn;
    case 'NotIn':
      return !isIn;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** Whether a LabelSelector object selects these labels; absent or empty it selects everything. */
export function selectsLabels(selector: Json, labels: Labels): boolean {
  const wanted = Object.entries(objectAt(selector, 'matchLabels') ?? {});
  return (
    wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    arrayAt(selector, 'matchExpressions').every((requirement) => meets(requirement, labels))
  );
}
