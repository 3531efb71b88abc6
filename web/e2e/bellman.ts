import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';

export type Engine = 'sqlite' | 'postgres';

/** A Bellman that runs, with its stand-in for Telegram. */
export interface Bellman {
  url: string;
  /** The address of the stand-in, without weather. */
  sandbox: string;
  /** The link to the form that makes the first user; empty when the environment has made one. */
  ownerLink: string;
  /** Ends it, and removes all that it has written. */
  stop: () => Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The host of links in messages: nobody has it, and whoever follows one goes to the server itself. */
export const linkHost = 'http://links.test';

const startLimit = 60_000;
const stopLimit = 20_000;

/** Starts the built program on an empty disk and an empty database, on ports that the system chooses. */
export async function startBellman(engine: Engine, env: Record<string, string> = {}): Promise<Bellman> {
  const folder = await mkdtemp(join(tmpdir(), 'bellman-web-'));
  const [command, ...args] = [
    ...lent[engine], `${root}bin/bellman`, 'serve', '--listen=127.0.0.1:0', '--sandbox', '--sandbox-listen=127.0.0.1:0', '--no-sandbox-weather',
    `--public-url=${linkHost}`, '--log-format=json',
  ];
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, BELLMAN_SECRET_KEY: randomBytes(32).toString('base64'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ended = once(child, 'close');
  const stop = async () => {
    const late = setTimeout(() => child.kill('SIGKILL'), stopLimit);
    child.kill('SIGTERM');
    const [code, signal] = await ended;
    clearTimeout(late);
    await rm(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`bellman ended with ${code ?? signal}:\n${said}`);
  };
  try {
    const found = await new Promise<Omit<Bellman, 'stop'>>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`bellman did not start within ${startLimit / 1000} s`)), startLimit);
      const hear = (piece: Buffer) => {
        said += piece.toString();
        const it = read(said);
        if (!it.url || !it.sandbox || (!it.ownerLink && !env.BELLMAN_OWNER_EMAIL)) return;
        clearTimeout(late);
        resolve(it);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('error', reject);
      void ended.then(() => reject(new Error('bellman did not start')));
    });
    return { ...found, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw new Error(`${String(error)}\n${said}`, { cause: error });
  }
}

// What lends a program its database: SQLite is a file in the folder where it runs; of PostgreSQL each gets a server.
const lent: Record<Engine, [string, ...string[]] | []> = {
  sqlite: [],
  postgres: [`${root}.tools/withpostgres`, 'sh', '-c', 'BELLMAN_DB=$BELLMAN_TEST_POSTGRES exec "$0" "$@"'],
};

/** Reads in what was printed where the program is reached. */
function read(said: string): Omit<Bellman, 'stop'> {
  const address = (message: string) => new RegExp(`"${message}".*"address":"([^"]+)"`).exec(said)?.[1] ?? '';
  return {
    url: address('bellman serves'),
    sandbox: address('the sandbox stands in for Telegram'),
    ownerLink: /http:\S+\/start#\S+/.exec(said)?.[0].replace('//localhost:', '//127.0.0.1:') ?? '',
  };
}
