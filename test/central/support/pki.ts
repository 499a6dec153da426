import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority and certificates signed by it, made by openssl(1) in `dir`; paths of PEM files. */
export class Pki {
  readonly ca: string;
  readonly #dir: string;
  readonly #key: string;

  constructor(dir: string, name = 'ca') {
    this.#dir = dir;
    this.ca = join(dir, `${name}.pem`);
    this.#key = join(dir, `${name}.key`);
    openssl([
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      this.#key,
      '-out',
      this.ca,
    ]);
  }

  issue(file: string, subject: string): { certificate: string; key: string } {
    const key = join(this.#dir, `${file}.key`);
    const request = join(this.#dir, `${file}.csr`);
    const certificate = join(this.#dir, `${file}.pem`);
    const extensions = join(this.#dir, `${file}.ext`);
    writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    openssl([
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      subject,
      '-keyout',
      key,
      '-out',
      request,
    ]);
    openssl([
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      this.ca,
      '-CAkey',
      this.#key,
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      extensions,
      '-out',
      certificate,
    ]);
    return { certificate, key };
  }
}

function openssl(args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
