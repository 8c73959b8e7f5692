// A pool of redigo that keeps 50 idle connections, each used for several requests.
package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

func main() {
	pool := &redis.Pool{MaxIdle: 50, Dial: func() (redis.Conn, error) {
		return redis.Dial("tcp", "127.0.0.1:"+os.Args[1])
	}}
	var group sync.WaitGroup
	for number := 0; number < 50; number++ {
		group.Add(1)
		go func(number int) {
			defer group.Done()
			for round := 0; round < 8; round++ {
				connection := pool.Get()
				connection.Do("SET", fmt.Sprint("key:", number), round)
				time.Sleep(500 * time.Millisecond)
				connection.Close()
			}
		}(number)
	}
	group.Wait()
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}
