// Goroutines that share the pool of go-redis, ten connections per core on a machine with 16, and become idle.
package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"gopkg.in/redis.v5"
)

func main() {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + os.Args[1], PoolSize: 160})
	var group sync.WaitGroup
	for number := 0; number < 160; number++ {
		group.Add(1)
		go func(number int) {
			defer group.Done()
			for round := 0; round < 8; round++ {
				client.Set(fmt.Sprint("key:", number), round, 0)
				client.Get(fmt.Sprint("key:", number))
				time.Sleep(500 * time.Millisecond)
			}
		}(number)
	}
	group.Wait()
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}
