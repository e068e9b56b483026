// The redis protocol on the loopback device: the cache that Argo CD wants to have, without a daemon to install.
package main

import (
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
)

func main() {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	// Its clock stands still by itself.
	second := time.NewTicker(time.Second)
	for {
		select {
		case <-second.C:
			server.FastForward(time.Second)
		case <-stop:
			return
		}
	}
}
