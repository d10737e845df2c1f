use image::{Rgb, RgbImage, Rgba};

use super::*;

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let image =
        RgbImage::from_fn(width, height, |x, _y| if x < width / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) });
    let mut bytes = Vec::new();
    DynamicImage::from(image).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A picture of one pixel whose header says that it has more.
fn bomb(side: u32) -> Vec<u8> {
    let mut bytes = encoded(1, 1, ImageFormat::Png);
    bytes.splice(16..24, [side.to_be_bytes(), side.to_be_bytes()].concat());
    // The header's checksum (PNG, annex D).
    let checksum = !bytes[12..29].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _bit| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    });
    bytes.splice(29..33, checksum.to_be_bytes());
    bytes
}

fn opened(jpeg: &[u8]) -> RgbImage {
    assert_eq!(image::guess_format(jpeg).unwrap(), ImageFormat::Jpeg);
    image::load_from_memory(jpeg).unwrap().into_rgb8()
}

#[test]
fn any_shape_becomes_a_small_square_of_its_middle() {
    for (width, height) in [(640, 480), (90, 1200), (256, 256), (1, 1), (1, 6000), (6000, 1)] {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let square = opened(&square(&encoded(width, height, format)).unwrap());
            assert_eq!(square.dimensions(), (SIDE, SIDE), "{width} x {height}");
        }
    }
    let middle = opened(&square(&encoded(640, 480, ImageFormat::Png)).unwrap());
    assert!(middle.get_pixel(20, 100)[0] > 200 && middle.get_pixel(230, 100)[2] > 200);
}

#[test]
fn a_photo_that_says_how_it_was_held_is_turned_upright_and_says_so_no_more() {
    let plain = encoded(640, 480, ImageFormat::Jpeg);
    // Exif, orientation 6: turn by a quarter.
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let (start, rest) = plain.split_at(2);
    let held = [start, &[0xff, 0xe1], &length, exif, rest].concat();
    let jpeg = square(&held).unwrap();
    let upright = opened(&jpeg);
    assert!(upright.get_pixel(100, 20)[0] > 200 && upright.get_pixel(100, 230)[2] > 200);
    assert!(!jpeg.windows(4).any(|part| part == b"Exif"));
}

#[test]
fn what_is_no_photo_or_too_large_is_refused() {
    for bytes in [b"".as_slice(), b"hello", b"GIF89a\x01\0\x01\0\x80\0\0", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
    {
        assert!(matches!(square(bytes), Err(Unusable::Format)), "{bytes:?}");
    }
    let whole = encoded(640, 480, ImageFormat::Jpeg);
    square(whole.split_at(40).0).unwrap_err();
    // A header of a few bytes that asks for 14 gigabytes, and one that hides them in the sum of its sides.
    for side in [60_000_u32, 5_900] {
        assert!(matches!(square(&bomb(side)), Err(Unusable::TooLarge)), "{side}");
    }
    assert!(matches!(square(&encoded(SIDE_MAX + 1, 1, ImageFormat::Png)), Err(Unusable::TooLarge)));
}

#[test]
fn what_can_be_seen_through_is_white_behind() {
    // Hidden behind full transparency is a black that nobody ever saw.
    let image = RgbaImage::from_fn(400, 400, |x, _y| match x {
        0..200 => Rgba([0, 0, 0, 0]),
        _ => Rgba([200, 0, 0, 128]),
    });
    let mut png = Vec::new();
    DynamicImage::from(image).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
    let opened = opened(&square(&png).unwrap());
    let [white, pink] = [opened.get_pixel(40, 128).0, opened.get_pixel(216, 128).0];
    assert!(white.iter().all(|value| *value > 250), "{white:?}");
    assert!(pink[0] > 215 && (115..=140).contains(&pink[1]), "{pink:?}");
}
