export { resourceOf } from '../../src/sandbox/kinds.ts';
