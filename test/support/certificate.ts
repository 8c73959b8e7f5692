import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Types of subject alternative names, RFC 5280. */
const [DNS, IP] = [2, 7];

const fileOf = (kind: 'crt' | 'key', name: string) => `${name}.${kind}`;

/** Writes a self-signed certificate for this machine and its key. Returns the certificate as PEM. */
export async function writeCertificate(dir: string, name = 'tls'): Promise<string> {
  const altNames = [
    { type: IP, ip: '127.0.0.1' },
    { type: DNS, value: 'localhost' },
  ];
  const pems = await generate([{ name: 'commonName', value: name }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames }] as never,
  });
  writeFileSync(join(dir, fileOf('key', name)), pems.private);
  writeFileSync(join(dir, fileOf('crt', name)), pems.cert);
  return pems.cert;
}

/**
 * Settings of a server with TLS on this port, with the certificate in `dir` (default: the server's working directory).
 * Clients need no certificate.
 */
export function tlsSettings(port: number, dir = '', name = 'tls'): readonly (readonly [string, string])[] {
  const file = (kind: 'crt' | 'key') => join(dir, fileOf(kind, name));
  return [
    ['tls-port', String(port)],
    ['tls-cert-file', file('crt')],
    ['tls-key-file', file('key')],
    ['tls-ca-cert-file', file('crt')],
    ['tls-auth-clients', 'no'],
  ];
}

/** Settings of a server with TLS, as command line arguments. */
export function tlsArguments(...settings: Parameters<typeof tlsSettings>): string[] {
  return tlsSettings(...settings).flatMap(([name, value]) => [`--${name}`, value]);
}
