// Command dice is a plugin that rolls dice: /roll 2d6+1 becomes what was rolled, for all
// to see. plugin/guest says how it is built.
package main

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/voiceapp-sdk/voiceapp/plugin/guest"
)

func main() {} // a plugin is a library: this is never called

func init() { guest.Chat(chat) }

const help = "Write /roll, /roll 2d6 or /roll d20+3: at most 20 dice of 2 to 1000 sides."

func chat(line guest.Line) guest.Answer {
	command, what, _ := strings.Cut(line.Text, " ")
	if command != "/roll" {
		return guest.Unchanged
	}
	d, ok := parse(strings.TrimSpace(what))
	if !ok {
		return guest.Drop(help)
	}
	return guest.Replace(d.roll(rand.IntN))
}

// dice are so many dice of so many sides, and what is added to them.
type dice struct{ count, sides, plus int }

// parse reads "", "6", "d6", "2d6", "2d6+1" or "2d6-1".
func parse(text string) (d dice, ok bool) {
	d = dice{1, 6, 0}
	if i := strings.IndexAny(text, "+-"); i >= 0 {
		if d.plus, ok = number(strings.TrimPrefix(text[i:], "+"), -1000, 1000); !ok {
			return d, false
		}
		text = text[:i]
	}
	count, sides, several := strings.Cut(text, "d")
	if !several {
		count, sides = "", count
	}
	okCount, okSides := true, true
	if count != "" {
		d.count, okCount = number(count, 1, 20)
	}
	if sides != "" {
		d.sides, okSides = number(sides, 2, 1000)
	}
	return d, okCount && okSides
}

func number(text string, least, most int) (n int, ok bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most
}

// roll says what comes up.
func (d dice) roll(random func(int) int) string {
	sum := d.plus
	var each []string
	for range d.count {
		n := 1 + random(d.sides)
		sum += n
		each = append(each, strconv.Itoa(n))
	}
	name := strconv.Itoa(d.count) + "d" + strconv.Itoa(d.sides)
	if d.plus > 0 {
		name += "+" + strconv.Itoa(d.plus)
	} else if d.plus < 0 {
		name += strconv.Itoa(d.plus)
	}
	if len(each) == 1 && d.plus == 0 {
		return "rolls " + name + ": " + strconv.Itoa(sum)
	}
	return "rolls " + name + ": " + strings.Join(each, ", ") + "; " + strconv.Itoa(sum) + " in all"
}
