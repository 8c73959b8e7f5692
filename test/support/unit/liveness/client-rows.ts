/** Rows of CLIENT LIST as each version of the servers prints them. */
export const clientRows = {
  'Redis 5':
    'id=17 addr=127.0.0.1:36238 fd=8 name=orders@web-1 age=1086 idle=0 flags=N db=0 sub=0 psub=0 multi=-1 qbuf=26 qbuf-free=32742 obl=0 oll=0 omem=0 events=r cmd=client',
  'Redis 6.0':
    'id=17 addr=127.0.0.1:36238 fd=8 name=orders@web-1 age=7 idle=0 flags=N db=0 sub=0 psub=0 multi=-1 qbuf=26 qbuf-free=32742 obl=0 oll=0 omem=0 events=r cmd=client user=default',
  'Redis 6.2':
    'id=17 addr=127.0.0.1:36238 laddr=127.0.0.1:6379 fd=8 name=orders@web-1 age=456 idle=0 flags=N db=0 sub=0 psub=0 multi=-1 qbuf=26 qbuf-free=45024 argv-mem=10 obl=0 oll=0 omem=0 tot-mem=62490 events=r cmd=client user=default redir=-1',
  'Redis 7.0':
    'id=17 addr=127.0.0.1:36238 laddr=127.0.0.1:6379 fd=9 name=orders@web-1 age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=0 tot-mem=37658 events=r cmd=client|info user=default redir=-1 resp=3',
  'Redis 7.2':
    'id=17 addr=127.0.0.1:36238 laddr=127.0.0.1:6379 fd=8 name=orders@web-1 age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=22426 events=r cmd=client|info user=default redir=-1 resp=2 lib-name=ioredis lib-ver=5.11.1',
  'Redis 8.0':
    'id=17 addr=127.0.0.1:36238 laddr=127.0.0.1:6379 fd=11 name=orders@web-1 age=16 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=26 qbuf-free=16864 argv-mem=10 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=18746 events=r cmd=client|list user=default redir=-1 resp=2 lib-name= lib-ver= io-thread=0 tot-net-in=48 tot-net-out=36 tot-cmds=0',
  'Valkey 8.1':
    'id=17 addr=127.0.0.1:36238 laddr=127.0.0.1:6379 fd=10 name=orders@web-1 age=0 idle=0 flags=N capa= db=0 sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=0 qbuf-free=0 argv-mem=10 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=0 tot-mem=17018 events=r cmd=client|info user=default redir=-1 resp=2 lib-name= lib-ver= tot-net-in=26 tot-net-out=0 tot-cmds=0',
} as const;

export const unixRow =
  'id=5 addr=/tmp/unit-probe/a b/r.sock:0 laddr=/tmp/unit-probe/a b/r.sock:0 fd=9 name=a=b age=0 idle=0 flags=U db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=0 tot-mem=37658 events=r cmd=client|info user=default redir=-1 resp=3';
