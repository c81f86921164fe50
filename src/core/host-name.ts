/** Host names as Kubernetes gives and cuts them. */

const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const LONGEST_NAME = 253;
const LONGEST_HOSTNAME = 63;

/** Whether an object of Kubernetes could be named so. */
export function isDnsName(text: string): boolean {
  return text.length <= LONGEST_NAME && DNS_SUBDOMAIN.test(text);
}

/** Whether a namespace could be named so. */
export function isNamespaceName(text: string): boolean {
  return text.length <= LONGEST_HOSTNAME && !text.includes('.') && isDnsName(text);
}

export function isIpV4(text: string): boolean {
  return IPV4.test(text);
}

/** An IP address in the one spelling by which addresses are compared; null for anything else. */
export function canonicalAddress(text: string): string | null {
  if (isIpV4(text)) return text;
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (!/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(bare) || !URL.canParse(`http://[${bare}]`)) return null;
  return new URL(`http://[${bare}]`).hostname.slice(1, -1);
}

/** What a kubelet makes of a Pod's name: at most 63 characters, not ending in a dash or a dot. */
export function cutHostname(name: string): string {
  return name.slice(0, LONGEST_HOSTNAME).replace(/[-.]+$/, '');
}

/** The first label of a qualified name: `ip-10-0-0-1` of `ip-10-0-0-1.ec2.internal`. */
export function firstLabel(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}

/** The name as the CSI sidecars' library writes it: dashes for anything else, and never a dash at the end. */
export function sanitised(name: string): string {
  const dashed = name.replace(/[^A-Za-z0-9-]/g, '-');
  return dashed.endsWith('-') ? `${dashed}X` : dashed;
}
