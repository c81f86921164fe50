export { printedRow } from '../../src/sandbox/printed-rows.ts';
