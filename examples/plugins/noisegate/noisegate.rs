//! noisegate turns down what is quieter than a threshold. It measures the power of some
//! 3 ms, opens within 2 ms, stays open for a while, and closes over 50 ms.
#![no_std]
#![no_main]

use core::slice;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

const MANIFEST_TEXT: &[u8] = include_bytes!("manifest.json");

/// What is in such a section becomes a custom section of the module.
#[used]
#[link_section = "voiceapp.manifest"]
pub static MANIFEST: [u8; MANIFEST_TEXT.len()] = *include_bytes!("manifest.json");

const MAX_FRAMES: usize = 2880;

struct Gate {
    rate: f32,
    channels: usize,
    threshold: f32, // a power
    power: f32,
    closed: f32, // the gain while it is closed
    hold: f32,   // seconds
    gain: f32,
    left: f32, // seconds that it stays open
}

static mut GATE: Gate = Gate { rate: 48000.0, channels: 1, threshold: 6.3e-5, power: 0.0, closed: 0.01, hold: 0.15, gain: 0.01, left: 0.0 };
static mut BUFFER: [f32; 2 * MAX_FRAMES] = [0.0; 2 * MAX_FRAMES];
static mut LENT: [u8; 16 << 10] = [0; 16 << 10];

/// What the host lends is given back before it lends again.
#[no_mangle]
pub unsafe extern "C" fn voiceapp_alloc(size: u32) -> *mut u8 {
    if size as usize <= LENT.len() { LENT.as_mut_ptr() } else { core::ptr::null_mut() }
}

#[no_mangle]
pub extern "C" fn voiceapp_free(_: *mut u8, _: u32) {}

#[no_mangle]
pub unsafe extern "C" fn voiceapp_settings(at: *const u8, size: u32) -> u32 {
    let json = slice::from_raw_parts(at, size as usize);
    let threshold = decibels(number(json, b"\"threshold\":").unwrap_or(-42.0));
    GATE.threshold = threshold * threshold;
    GATE.closed = decibels(-number(json, b"\"range\":").unwrap_or(40.0));
    GATE.hold = number(json, b"\"hold\":").unwrap_or(150.0) / 1000.0;
    0
}

#[no_mangle]
pub unsafe extern "C" fn voiceapp_audio_open(rate: u32, channels: u32, _most: u32) -> *mut f32 {
    GATE.rate = rate as f32;
    GATE.channels = channels as usize;
    BUFFER.as_mut_ptr()
}

#[no_mangle]
pub unsafe extern "C" fn voiceapp_audio(frames: u32, flags: u32) -> u32 {
    let samples = &mut BUFFER[..frames as usize * GATE.channels];
    GATE.process(samples);
    flags
}

impl Gate {
    fn process(&mut self, samples: &mut [f32]) {
        let measure = 1.0 / (0.003 * self.rate);
        let (opening, closing) = (1.0 / (0.002 * self.rate), 1.0 / (0.05 * self.rate));
        for frame in samples.chunks_mut(self.channels) {
            let power = frame.iter().fold(0.0f32, |p, x| if x * x > p { x * x } else { p });
            self.power += (power - self.power) * measure;
            if self.power > self.threshold {
                self.left = self.hold;
            } else if self.left > 0.0 {
                self.left -= 1.0 / self.rate;
            }
            let (goal, step) = if self.left > 0.0 { (1.0, opening) } else { (self.closed, closing) };
            if self.gain < goal {
                self.gain = if self.gain + step < goal { self.gain + step } else { goal };
            } else {
                self.gain = if self.gain - step > goal { self.gain - step } else { goal };
            }
            for x in frame {
                *x *= self.gain;
            }
        }
    }
}

/// The gain for decibels, below 0.
fn decibels(db: f32) -> f32 {
    let mut gain = 1.0f32;
    let mut left = if db < 0.0 { -db } else { 0.0 };
    while left >= 1.0 {
        gain *= 0.891_250_9;
        left -= 1.0;
    }
    gain * (1.0 - left * (1.0 - 0.891_250_9))
}

/// The number behind a key of a flat JSON object that holds no text.
fn number(json: &[u8], key: &[u8]) -> Option<f32> {
    let at = json.windows(key.len()).position(|w| w == key)? + key.len();
    let (mut value, mut scale, mut negative, mut found) = (0.0f32, 0.0f32, false, false);
    for &c in &json[at..] {
        match c {
            b'-' if !found => negative = true,
            b'0'..=b'9' => {
                found = true;
                if scale == 0.0 {
                    value = value * 10.0 + (c - b'0') as f32;
                } else {
                    scale /= 10.0;
                    value += (c - b'0') as f32 * scale;
                }
            }
            b'.' => scale = 1.0,
            _ => break,
        }
    }
    if found { Some(if negative { -value } else { value }) } else { None }
}
