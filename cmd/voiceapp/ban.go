package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// ban is the command ban.
type ban struct {
	moderator

	For     time.Duration `name:"for" value:"TIME" help:"how long, such as 24h; 0: for good"`
	By      string        `name:"by" value:"PARTS" help:"of somebody who is there: any of account,device,address; none: account and device"`
	Confirm bool          `name:"confirm" help:"go on although it hits others"`
}

func (b *ban) run(ctx context.Context, streams *cli.Streams, args []string) error {
	client, err := b.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	wanted, err := b.request(ctx, client, args[0])
	if err != nil {
		return err
	}
	made, err := client.Ban(ctx, wanted)
	if err != nil {
		return err
	}
	return printBan(streams, b.JSON, made)
}

// request finds out who is meant.
func (b *ban) request(ctx context.Context, client *control.Client, whom string) (voiceapp.BanRequest, error) {
	wanted := voiceapp.BanRequest{Reason: b.Reason, For: b.For, Confirm: b.Confirm}
	if session, err := sessionNamed(client, whom); err == nil {
		wanted.Session = session
		for part := range strings.SplitSeq(b.By, ",") {
			if part = strings.TrimSpace(part); part != "" {
				wanted.Parts = append(wanted.Parts, voiceapp.BanPart(part))
			}
		}
		return wanted, nil
	}
	switch _, err := voiceapp.ParseAddressRange(whom); {
	case err == nil:
		wanted.Address = whom
		return wanted, nil
	case voiceapp.CheckDevice(whom) == nil:
		wanted.Device = whom
		return wanted, nil
	}
	user, err := accountNamed(ctx, client, whom)
	if errors.Is(err, voiceapp.NotFound) {
		err = voiceapp.NewError(voiceapp.NotFound, cli.Printable(whom)+" is nobody who is there, no account that you may see, no address and no device")
	}
	wanted.User = user
	return wanted, err
}

// unban is the command unban.
type unban struct{ moderator }

func (u *unban) run(ctx context.Context, streams *cli.Streams, args []string) error {
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return voiceapp.NewError(voiceapp.Invalid, "name the ban by its number: voiceapp bans shows it")
	}
	client, err := u.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.LiftBan(ctx, voiceapp.BanID(id), u.Reason)
}

// bans is the command bans.
type bans struct{ login }

func (b *bans) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	client, err := b.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	all, err := client.Bans(ctx)
	if err != nil {
		return err
	}
	for _, ban := range all {
		if err := printBan(streams, b.JSON, ban); err != nil {
			return err
		}
	}
	return nil
}

func printBan(streams *cli.Streams, json bool, ban voiceapp.Ban) error {
	if json {
		return streams.PrintJSON(ban)
	}
	var of []string
	if ban.User != 0 {
		of = append(of, fmt.Sprintf("account %d", ban.User))
	}
	if ban.Device != "" {
		of = append(of, "device "+ban.Device)
	}
	if ban.Address != "" {
		of = append(of, ban.Address)
	}
	reason := ""
	if ban.Reason != "" {
		reason = ": " + cli.Printable(ban.Reason)
	}
	_, err := fmt.Fprintf(streams.Out, "%d  %s, %s%s\n", ban.ID, strings.Join(of, ", "), until(ban.Until), reason)
	return err
}
