// Asks Flux's own envsubst what becomes of each text: record.sh.
package main

import (
	"encoding/json"
	"os"

	"github.com/fluxcd/pkg/envsubst"
)

type answer struct {
	Text  string `json:"text"`
	Want  string `json:"want"`
	Error string `json:"error,omitempty"`
}

type question struct {
	Variables map[string]string `json:"variables"`
	Texts     []string          `json:"texts"`
}

func ask(text string, variables map[string]string) (given answer) {
	given.Text = text
	defer func() {
		if recover() != nil {
			given.Error = "panic"
		}
	}()
	lookUp := func(name string) (string, bool) {
		value, known := variables[name]
		return value, known
	}
	want, err := envsubst.Eval(text, lookUp)
	if err != nil {
		given.Error = err.Error()
		return given
	}
	given.Want = want
	return given
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	answers := []answer{}
	for _, text := range asked.Texts {
		answers = append(answers, ask(text, asked.Variables))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(map[string]any{"variables": asked.Variables, "answers": answers}); err != nil {
		panic(err)
	}
}
