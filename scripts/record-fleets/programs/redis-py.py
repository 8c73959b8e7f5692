"""Threads that share the pool of redis-py, and become idle. The pool keeps a connection for each that was busy at once."""
import sys, threading, time
import redis

client = redis.Redis(port=int(sys.argv[1]))

def work(number):
    for round in range(8):
        client.set(f"key:{number}", round)
        client.get(f"key:{number}")
        time.sleep(0.5)

threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("ready", flush=True)
sys.stdin.read()
