// Put in by the build; without one the sources run as they are.
declare const KUBECTL_LEADER_VERSION: string | undefined;

/** The version of this program, without a leading `v`. */
export const VERSION =
  typeof KUBECTL_LEADER_VERSION === 'undefined' ? '0.0.0-source' : KUBECTL_LEADER_VERSION;
