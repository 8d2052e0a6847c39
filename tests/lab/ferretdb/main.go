// Command ferretdb serves MongoDB's protocol on a free loopback port, with its data in one SQLite folder.
//
// It owns that folder: the folder goes when the process ends, which it does as soon as its standard input
// closes. So a parent that dies in any way leaves neither a server nor data behind. It leaves out what a
// test does not need: TLS, users, telemetry, a fixed port.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: ferretdb FOLDER")
		os.Exit(2)
	}
	folder := os.Args[1]
	// A log line that nobody reads any more must not end the process before its folder is removed.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go server.Run(ctx)
	fmt.Println("READY", server.MongoDBURI())

	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	<-ctx.Done()
	// Open client connections would hold an orderly shutdown up for seconds, and the data is thrown away.
	os.RemoveAll(folder)
}
