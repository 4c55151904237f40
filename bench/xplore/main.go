package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/engine/cutset/openpsa"
)

func main() {
	limit, _ := strconv.Atoi(os.Args[1])
	for _, p := range os.Args[2:] {
		f, _ := os.Open(p)
		m, err := openpsa.Read(f, "")
		if err != nil {
			fmt.Println(p, err)
			continue
		}
		if limit == 0 { cutset.Dump(m) } else { cutset.Explore(m, limit) }
	}
}
