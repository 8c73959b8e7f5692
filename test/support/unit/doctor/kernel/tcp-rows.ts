const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

/** Rows of /proc/net/tcp and tcp6 as Linux 6.1 printed them on x86-64, a little-endian machine. */
const ROWS = {
  server:
    '0100007F:18EB 0100007F:C350 01 00000000:00000000 00:00000000 00000000   999        0 111 1 0 20 4 30 10 -1',
  client:
    '0100007F:C350 0100007F:18EB 01 00000000:00000000 02:000A7214 00000000  1000        0 222 2 0 20 4 30 10 -1',
  other:
    '0100007F:C350 0100007F:18EC 08 00000000:00000000 00:00000000 00000000  1000        0 333 1 0 20 4 30 10 -1',
  listens:
    '00000000:C350 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 444 1 0 100 0 0 10 0',
  /** Its process has ended, and the peer has not acknowledged the FIN. */
  closing:
    '0100007F:C352 0100007F:18EB 04 00000001:00000000 01:00000AF0 00000004     0        0 0 1 0000000000000000 6400 0 0 10 7',
  /** The peer does not acknowledge 22 bytes. */
  resending:
    '0100007F:18EB 0100007F:C353 01 00000016:00000000 01:00000AF0 00000003   999        0 777 2 0 20 4 30 10 -1',
  /** The peer does not answer keepalive probes. */
  probing:
    '0100007F:18EB 0100007F:C354 01 00000000:00000000 02:00000064 00000000   999        2 888 2 0 20 4 30 10 -1',
  waits: '0100007F:C350 0100007F:18ED 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0',
  six: '00000000000000000000000001000000:C350 00000000000000000000000001000000:18EB 01 00000000:00000000 00:00000000 00000000  1000        0 555 1 0 20 4 30 10 -1',
  mapped:
    '0000000000000000FFFF00000100007F:C351 0000000000000000FFFF00000100007F:18EB 01 00000000:00000000 00:00000000 00000000  1000        0 666 1 0 20 4 30 10 -1',
};

export function tcpTable(...rows: (keyof typeof ROWS)[]): string {
  return [HEAD, ...rows.map((row, at) => `   ${at}: ${ROWS[row]}`), ''].join('\n');
}
