/** PEM, both. */
export interface ClientCertificate {
  cert: Buffer | string;
  key: Buffer | string;
}

/** What one request proves its user with. Secret. */
export interface Credential {
  /** The `Authorization` header; null for none. */
  authorization: string | null;
  /** Replaces the connection's own client certificate; null leaves it. */
  certificate: ClientCertificate | null;
}

/** Where credentials come from. Both methods reject with a LeaderError of code `credentials`. */
export interface Credentials {
  current(): Promise<Credential>;
  /** Called when the API server answered 401 to `rejected`: resolves to true if there is something else to try now. */
  refresh(rejected: Credential): Promise<boolean>;
}

export const ANONYMOUS: Credential = { authorization: null, certificate: null };

export function bearer(token: string): Credential {
  return { authorization: `Bearer ${token}`, certificate: null };
}
