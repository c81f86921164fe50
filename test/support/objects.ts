export { LEADER_ANNOTATION } from '../../src/core/formats/annotation.ts';
export * from '../../src/sandbox/objects/events.ts';
export * from '../../src/sandbox/objects/locks.ts';
export * from '../../src/sandbox/objects/nodes.ts';
export * from '../../src/sandbox/objects/pods.ts';
export * from '../../src/sandbox/objects/workloads.ts';
