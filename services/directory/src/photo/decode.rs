//! From whatever a directory holds to one form: JPEG, square, upright, without metadata.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, RgbaImage};

/// Width and height of what is kept, in pixels.
pub(super) const SIDE: u32 = 256;
/// Width and height of what is decoded, in pixels.
const SIDE_MAX: u32 = 6_000;
/// The same together: a progressive JPEG takes nine bytes of memory for each.
const PIXELS_MAX: u64 = 24_000_000;
/// What a picture and its decoder may take, in bytes.
const ALLOC_MAX: u64 = 100 * 1024 * 1024;
/// Quality of what is kept, of 100.
const QUALITY: u8 = 82;

/// Why a photo cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("it is neither JPEG nor PNG")]
    Format,
    #[error("it is too large: it may have 6,000 pixels a side and 24 million in all")]
    TooLarge,
    #[error("it is broken: {0}")]
    Broken(ImageError),
}

impl From<ImageError> for Unusable {
    fn from(error: ImageError) -> Self {
        if matches!(error, ImageError::Limits(_)) { Self::TooLarge } else { Self::Broken(error) }
    }
}

/// Whether a photo can be used.
pub(crate) fn check(photo: &[u8]) -> Result<(), Unusable> {
    square(photo).map(drop)
}

/// The middle of a photo.
pub(super) fn square(photo: &[u8]) -> Result<Vec<u8>, Unusable> {
    let mut reader = ImageReader::new(Cursor::new(photo)).with_guessed_format().map_err(ImageError::IoError)?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png)) {
        return Err(Unusable::Format);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(ALLOC_MAX);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    limits.check_dimensions(width, height)?;
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(Unusable::TooLarge);
    }
    // What the picture itself takes; the decoder is left what remains.
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    // How it was held is a help, not a condition.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut small = small(DynamicImage::from_decoder(decoder)?);
    small.apply_orientation(orientation);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&small.into_rgb8())?;
    Ok(jpeg)
}

/// The middle square of a picture, and only then its size: one a thousand times as high as wide must not grow.
fn small(image: DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    if image.color().has_alpha() {
        let image = on_white(image.into_rgba8());
        let middle = imageops::crop_imm(&image, left, top, side, side);
        imageops::resize(&*middle, SIDE, SIDE, FilterType::Triangle).into()
    } else {
        let image = image.into_rgb8();
        let middle = imageops::crop_imm(&image, left, top, side, side);
        imageops::resize(&*middle, SIDE, SIDE, FilterType::Triangle).into()
    }
}

/// Without transparency, as it looks on white paper.
fn on_white(mut image: RgbaImage) -> RgbaImage {
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let part = u32::from(alpha);
        let on_white = |value: u8| {
            let mixed = (u32::from(value) * part + 255 * (255 - part) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        pixel.0 = [on_white(red), on_white(green), on_white(blue), u8::MAX];
    }
    image
}

#[cfg(test)]
mod tests;
