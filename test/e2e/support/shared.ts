import { inject } from 'vitest';
import { ApiAccess, type ControlPlaneCoordinates } from './api-access.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The control plane that all end-to-end tests share, or null where there are no binaries for one. */
    controlPlane: ControlPlaneCoordinates | null;
    /** The built `kubectl-leader.cjs`; null without a control plane, which leaves nothing to run it against. */
    bundle: string | null;
  }
}

/** The control plane that all end-to-end tests share; null where they are to be skipped. */
export function sharedControlPlane(): ApiAccess | null {
  const coordinates = inject('controlPlane');
  return coordinates === null ? null : new ApiAccess(coordinates);
}
