// Command vulnerable calls what is known to be vulnerable, so that the check can show that it finds something.
package main

import "gopkg.in/yaml.v2"

func main() {
	var value any
	if err := yaml.Unmarshal([]byte("a: 1"), &value); err != nil {
		panic(err)
	}
}
