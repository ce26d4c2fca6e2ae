import io
import re

import zxingcpp
from PIL import Image

from web.qr import qr_svg


def test_the_svg_reads_as_what_was_put_in():
    address = "http://192.168.1.10:8000/t/AbCdEfGhIjKlMnOpQrStUv"
    svg = qr_svg(address)
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    picture = Image.new("L", (size, size), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg):
        for step in range(int(width)):
            picture.putpixel((int(x) + step, int(y)), 0)
    picture = picture.resize((size * 8, size * 8), Image.Resampling.NEAREST)
    picture.save(io.BytesIO(), "png")
    assert zxingcpp.read_barcodes(picture)[0].text == address
