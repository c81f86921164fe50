export { mergePatched } from '../../../src/sandbox/merge-patch.ts';
