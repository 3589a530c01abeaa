package plugin

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/voiceapp-sdk/voiceapp"
)

// program is what an instance is made of.
type program struct {
	module   []byte
	manifest Manifest
	granted  []string // the permissions that it has
	cache    string   // the folder of its compiled code; "": none
	memory   int      // bytes at most
	log      func(level int, text string)

	// guarded: a call ends when interrupt is called. The price is in the compiled code:
	// loops take up to 26 times as long. A process that can be killed does without.
	guarded bool
}

// instance is a plugin that runs in this process.
type instance struct {
	ctx     context.Context
	cancel  context.CancelFunc
	runtime wazero.Runtime
	cache   wazero.CompilationCache
	memory  api.Memory

	alloc, free, settings, audioOpen, audioCall, chatCall api.Function

	stack  [4]uint64
	buffer uint32 // of audio
	format format
	answer []byte
}

// prepare makes a runtime and compiles the module.
func (p *program) prepare(ctx context.Context) (*instance, wazero.CompiledModule, error) {
	i := &instance{}
	cfg := wazero.NewRuntimeConfig().
		WithMemoryLimitPages(uint32(p.memory >> 16)).
		WithMemoryCapacityFromMax(!p.guarded). // in a child of its own, where it grows without being copied
		WithCloseOnContextDone(p.guarded).
		WithDebugInfoEnabled(false)
	if p.cache != "" {
		cache, err := wazero.NewCompilationCacheWithDir(p.cache)
		if err != nil {
			return nil, nil, voiceapp.WrapError(voiceapp.Unavailable, "the folder of compiled plugins can't be used", err)
		}
		i.cache = cache
		cfg = cfg.WithCompilationCache(cache)
	}
	i.ctx, i.cancel = context.WithCancel(context.WithoutCancel(ctx))
	i.runtime = wazero.NewRuntimeWithConfig(i.ctx, cfg)
	compiled, err := i.runtime.CompileModule(ctx, p.module)
	if err != nil {
		i.close()
		return nil, nil, refuse("it is no valid WebAssembly module, or needs more than it may have: %s", firstLine(err))
	}
	return i, compiled, nil
}

// start compiles and instantiates the module, which runs its start functions: that
// may take as long as load.
func (p *program) start(ctx context.Context, load time.Duration) (*instance, error) {
	i, compiled, err := p.prepare(ctx)
	if err != nil {
		return nil, err
	}
	timeout := time.AfterFunc(load, i.interrupt)
	defer timeout.Stop()
	stop := context.AfterFunc(ctx, i.interrupt)
	defer stop()
	if err := i.instantiate(p, compiled); err != nil {
		i.close()
		if i.ctx.Err() != nil {
			return nil, voiceapp.NewError(voiceapp.Unavailable, "it took too long to start")
		}
		return nil, voiceapp.NewError(voiceapp.Invalid, "it failed when it was started: "+firstLine(err))
	}
	return i, nil
}

func (i *instance) instantiate(p *program, compiled wazero.CompiledModule) error {
	if _, err := wasi_snapshot_preview1.Instantiate(i.ctx, i.runtime); err != nil {
		return err
	}
	host := i.runtime.NewHostModuleBuilder(hostModule).NewFunctionBuilder().WithGoModuleFunction(
		api.GoModuleFunc(func(_ context.Context, m api.Module, stack []uint64) {
			if text, ok := m.Memory().Read(uint32(stack[1]), uint32(stack[2])); ok {
				p.say(int(int32(stack[0])), text)
			}
		}), []api.ValueType{api.ValueTypeI32, api.ValueTypeI32, api.ValueTypeI32}, nil).Export(importLog)
	if _, err := host.Instantiate(i.ctx); err != nil {
		return err
	}
	m, err := i.runtime.InstantiateModule(i.ctx, compiled, p.moduleConfig())
	if err != nil {
		return err
	}
	i.memory = m.Memory()
	i.alloc, i.free = m.ExportedFunction(exportAlloc), m.ExportedFunction(exportFree)
	i.settings, i.chatCall = m.ExportedFunction(exportSettings), m.ExportedFunction(exportChat)
	i.audioOpen, i.audioCall = m.ExportedFunction(exportAudioOpen), m.ExportedFunction(exportAudio)
	return nil
}

// moduleConfig gives a guest no more than its permissions say.
func (p *program) moduleConfig() wazero.ModuleConfig {
	cfg := wazero.NewModuleConfig().WithName("").WithStartFunctions(exportInitialize).
		WithStdout(&lines{level: 1, say: p.say}).WithStderr(&lines{level: 2, say: p.say})
	if slices.Contains(p.granted, PermissionClock) {
		cfg = cfg.WithSysWalltime().WithSysNanotime()
	}
	if slices.Contains(p.granted, PermissionRandom) {
		cfg = cfg.WithRandSource(rand.Reader)
	}
	return cfg
}

// maxLog is the longest line for the log, in bytes.
const maxLog = 1 << 10

func (p *program) say(level int, text []byte) {
	if p.log != nil {
		p.log(level, strings.ToValidUTF8(string(text[:min(len(text), maxLog)]), "\uFFFD"))
	}
}

// lines makes log lines of what is written.
type lines struct {
	level int
	say   func(level int, text []byte)
	line  []byte
}

func (l *lines) Write(b []byte) (int, error) {
	for _, c := range b {
		if c == '\n' || len(l.line) == maxLog {
			l.say(l.level, l.line)
			l.line = l.line[:0]
		}
		if c != '\n' {
			l.line = append(l.line, c)
		}
	}
	return len(b), nil
}

func (i *instance) interrupt() { i.cancel() }

func (i *instance) close() {
	i.cancel()
	_ = i.runtime.Close(context.WithoutCancel(i.ctx))
	if i.cache != nil {
		_ = i.cache.Close(context.WithoutCancel(i.ctx))
	}
}

// call calls a function with what is in the stack. What wazero panics with is a
// fault of the guest's like another.
func (i *instance) call(f api.Function) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
		if err != nil && i.ctx.Err() != nil {
			err = errTooLate
		}
	}()
	return f.CallWithStack(i.ctx, i.stack[:])
}

func (i *instance) open(f format) error {
	i.stack[0], i.stack[1], i.stack[2] = sampleRate, uint64(f.channels), uint64(f.maxFrames)
	if err := i.call(i.audioOpen); err != nil {
		return err
	}
	if i.buffer = uint32(i.stack[0]); i.buffer == 0 {
		return errRefused
	}
	if i.buffer%4 != 0 {
		return fmt.Errorf("the audio buffer is at %d, which is not aligned to 4 bytes", i.buffer)
	}
	i.format = f
	_, err := i.samples(f.maxFrames * f.channels)
	return err
}

// samples returns the beginning of the audio buffer. It moves when memory grows.
func (i *instance) samples(n int) ([]byte, error) {
	b, ok := i.memory.Read(i.buffer, uint32(4*n))
	if !ok {
		return nil, fmt.Errorf("the audio buffer at %d, for %d samples, is outside of the memory", i.buffer, n)
	}
	return b, nil
}

func (i *instance) audio(pcm []float32, flags uint32) (uint32, error) {
	b, err := i.samples(len(pcm))
	if err != nil {
		return 0, err
	}
	for n, x := range pcm {
		binary.LittleEndian.PutUint32(b[4*n:], math.Float32bits(x))
	}
	i.stack[0], i.stack[1] = uint64(len(pcm)/i.format.channels), uint64(flags)
	if err := i.call(i.audioCall); err != nil {
		return 0, err
	}
	if b, err = i.samples(len(pcm)); err != nil {
		return 0, err
	}
	for n := range pcm {
		pcm[n] = clean(math.Float32frombits(binary.LittleEndian.Uint32(b[4*n:])))
	}
	return uint32(i.stack[0]) & flagSpeaking, nil
}

// lend puts bytes into memory that the guest has allocated.
func (i *instance) lend(b []byte) (ptr uint32, err error) {
	i.stack[0] = uint64(len(b))
	if err := i.call(i.alloc); err != nil {
		return 0, err
	}
	ptr = uint32(i.stack[0])
	if ptr == 0 || !i.memory.Write(ptr, b) {
		return 0, fmt.Errorf("%s(%d) returned %d, where %d bytes can't be written", exportAlloc, len(b), ptr, len(b))
	}
	return ptr, nil
}

func (i *instance) giveBack(ptr uint32, size int) error {
	i.stack[0], i.stack[1] = uint64(ptr), uint64(size)
	return i.call(i.free)
}

// pass calls a function with bytes and returns its result.
func (i *instance) pass(f api.Function, b []byte) (result uint64, err error) {
	ptr, err := i.lend(b)
	if err != nil {
		return 0, err
	}
	i.stack[0], i.stack[1] = uint64(ptr), uint64(len(b))
	if err := i.call(f); err != nil {
		return 0, err
	}
	result = i.stack[0]
	return result, i.giveBack(ptr, len(b))
}

func (i *instance) configure(settings []byte) error {
	if i.settings == nil {
		return nil
	}
	result, err := i.pass(i.settings, settings)
	if err == nil && uint32(result) != 0 {
		return errRefused
	}
	return err
}

func (i *instance) chat(line []byte) (answer, error) {
	result, err := i.pass(i.chatCall, line)
	switch {
	case err != nil:
		return answer{}, err
	case result == 0:
		return answer{}, nil
	case int64(result) == -1:
		return answer{kind: answerDropped}, nil
	}
	ptr, size := uint32(result>>32), int(uint32(result))
	if size > maxAnswer {
		return answer{}, fmt.Errorf("the answer has %d bytes; it may have %d", size, maxAnswer)
	}
	b, ok := i.memory.Read(ptr, uint32(size))
	if !ok || ptr == 0 {
		return answer{}, fmt.Errorf("the answer of %d bytes at %d is outside of the memory", size, ptr)
	}
	i.answer = append(i.answer[:0], b...)
	return answer{answerJSON, i.answer}, i.giveBack(ptr, size)
}

// firstLine is an error's text without the stack trace that wazero adds.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(text, " (recovered by wazero)")
}

var _ io.Writer = (*lines)(nil)
