import type { ClientRow } from '../client-list/row.js';

/** A row as all documents have it: the server's words, times and sizes with their units. What it does not tell is left out. */
export function rowJson(row: ClientRow) {
  const { id, addr, ip, laddr, name, flags, db, cmd, sub, psub, ssub, multi, user, libName, libVer } = row;
  return {
    ...(Number.isSafeInteger(id) && { id }),
    addr,
    ip,
    ...(laddr && { laddr }),
    name,
    ageSeconds: row.age,
    idleSeconds: row.idle,
    flags,
    db,
    cmd,
    ...{ sub, psub, ssub },
    ...(multi >= 0 && { multi }),
    outputBufferBytes: row.omem,
    ...(row.totMem > 0 && { memoryBytes: row.totMem }),
    ...(user && { user }),
    ...(libName && { libName }),
    ...(libVer && { libVer }),
    target: row.target,
  };
}
