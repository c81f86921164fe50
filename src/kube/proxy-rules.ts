import { BlockList, isIP } from 'node:net';
import { LeaderError } from '../core/errors.ts';
import { printable } from '../core/text.ts';

/** A proxy between this machine and the API server. Holds a password perhaps: print `host` only. */
export interface ProxyServer {
  scheme: 'http' | 'https' | 'socks5';
  hostname: string;
  port: number;
  credentials: { username: string; password: string } | null;
  /** `host:port`, for messages. */
  host: string;
}

const DEFAULT_PORTS = { http: 80, https: 443, socks5: 1080 } as const;

/** Percent-escapes undone; null if they are broken. */
function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The host of a URL without the brackets that an IPv6 address has there. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Reads a proxy URL; `origin` says where it stands. Throws a LeaderError with code `config`, without the URL. */
export function parseProxyUrl(text: string, origin: string): ProxyServer {
  const hint = 'A proxy is given as http://host:port, https://host:port or socks5://host:port.';
  const invalid = (why: string): LeaderError =>
    new LeaderError('config', `invalid proxy URL for ${printable(origin)}: ${why}`, { hint });
  if (!URL.canParse(text)) throw invalid('it is not a URL');
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1).replace(/^socks5h$/, 'socks5');
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'socks5') {
    throw invalid(`unsupported scheme "${printable(scheme)}", must be http, https, or socks5`);
  }
  if (url.hostname === '') throw invalid('it names no host');
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port);
  const [username, password] = [unescaped(url.username), unescaped(url.password)];
  if (username === null || password === null)
    throw invalid('its user name or password is not escaped properly');
  return {
    scheme,
    hostname: bare(url.hostname),
    port,
    credentials: username === '' && password === '' ? null : { username, password },
    host: `${url.hostname}:${port}`,
  };
}

/** The `Proxy-Authorization` value; null where the proxy asks for nothing. */
export function proxyAuthorization(proxy: ProxyServer): string | null {
  if (proxy.credentials === null) return null;
  const { username, password } = proxy.credentials;
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** A NO_PROXY entry's host and port; a port is only split off where it cannot be part of an IPv6 address. */
function splitPort(entry: string): { host: string; port: string } {
  const match = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry);
  return { host: bare(match?.[1] ?? entry), port: match?.[2] ?? '' };
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function inNetwork(hostname: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const version = isIP(address);
  if (version === 0 || !/^\d+$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family(address));
  return list.check(hostname, family(hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === '::1' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

function sameAddress(one: string, other: string): boolean {
  if (isIP(one) === 0 || isIP(other) === 0) return false;
  const list = new BlockList();
  list.addAddress(one, family(one));
  return list.check(other, family(other));
}

function excludes(entry: string, hostname: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isIP(hostname) !== 0 && inNetwork(hostname, entry);
  const wanted = splitPort(entry);
  if (wanted.host === '' || (wanted.port !== '' && wanted.port !== port)) return false;
  if (isIP(wanted.host) !== 0) return sameAddress(wanted.host, hostname);
  const domain = wanted.host.replace(/^\*\./, '.');
  return domain.startsWith('.')
    ? hostname.endsWith(domain)
    : hostname === domain || hostname.endsWith(`.${domain}`);
}

/**
 * The proxy that the environment asks for, by Go's rules (which kubectl follows): HTTPS_PROXY or HTTP_PROXY by the
 * server's scheme, upper case first; never for this machine itself, nor for what NO_PROXY lists (domains with all
 * below them, `.domain` for only what is below, addresses, networks, each with a port perhaps, or `*`).
 */
export function environmentProxy(
  server: URL,
  env: Readonly<Record<string, string | undefined>>,
): ProxyServer | null {
  const read = (name: string): string => env[name] || env[name.toLowerCase()] || '';
  const variable = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = read(variable);
  const hostname = bare(server.hostname).toLowerCase();
  if (proxy === '' || hostname === 'localhost' || isLoopback(hostname)) return null;
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  const exceptions = read('NO_PROXY')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  if (exceptions.some((entry) => excludes(entry, hostname, port))) return null;
  return parseProxyUrl(proxy.includes('://') ? proxy : `http://${proxy}`, `$${variable}`);
}
