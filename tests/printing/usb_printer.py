"""A USB printer below pyusb: a bus with devices that are plugged, pulled and break, behind the library's own backend."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from types import SimpleNamespace

import usb.backend
import usb.core

PACKET = 64


@dataclass(eq=False)
class UsbPrinter:
    """`breaks_after` pulls the cable after that many bytes; the interfaces may begin with another than the printer's."""

    breaks_after: int | None = None
    odd_first_interface: bool = False
    kernel_has_it: bool = False
    received: bytearray = field(default_factory=bytearray)
    says: bytearray = field(default_factory=bytearray)
    claimed: set[int] = field(default_factory=set)
    gone: bool = False

    @property
    def interfaces(self) -> list[int]:
        return [3, 7] if self.odd_first_interface else [7]

    @property
    def paper(self) -> bytes:
        data = bytes(self.received)
        for asked in (b"\x10\x04\x02", b"\x10\x04\x04", b"\x1dr\x01"):
            data = data.replace(asked, b"")
        return data

    def take(self, data: bytes) -> int:
        for byte in data:
            if self.breaks_after is not None and len(self.received) >= self.breaks_after:
                self.gone = True
                raise usb.core.USBError("No such device", errno=errno.ENODEV)
            self.received.append(byte)
            if self.received.endswith((b"\x10\x04\x02", b"\x10\x04\x04")):
                self.says.append(0x12)
            elif self.received.endswith(b"\x1dr\x01"):
                self.says.append(0x00)
        return len(data)


@dataclass
class UsbBus(usb.backend.IBackend):
    plugged: list[UsbPrinter] = field(default_factory=list)

    def enumerate_devices(self):
        return iter([printer for printer in self.plugged if not printer.gone])

    def get_parent(self, dev):
        return None

    def get_device_descriptor(self, dev):
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=PACKET, idVendor=0x04B8, idProduct=0x0E15, bcdDevice=0x100, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, address=1, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev, config):
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=len(dev.interfaces), bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev, intf, alt, config):
        if intf >= len(dev.interfaces) or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=intf, bAlternateSetting=0, bNumEndpoints=2,
            bInterfaceClass=dev.interfaces[intf], bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev, ep, intf, alt, config):
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(0x01, 0x82)[ep] + intf, bmAttributes=2, wMaxPacketSize=PACKET,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev):
        return dev

    def close_device(self, dev_handle):
        dev_handle.claimed.clear()

    def get_configuration(self, dev_handle):
        return 1

    def claim_interface(self, dev_handle, intf):
        assert not dev_handle.kernel_has_it, "the kernel's driver still holds it"
        dev_handle.claimed.add(intf)

    def release_interface(self, dev_handle, intf):
        if dev_handle.gone:
            raise usb.core.USBError("No such device", errno=errno.ENODEV)
        dev_handle.claimed.discard(intf)

    def is_kernel_driver_active(self, dev_handle, intf):
        return dev_handle.kernel_has_it

    def detach_kernel_driver(self, dev_handle, intf):
        dev_handle.kernel_has_it = False

    def bulk_write(self, dev_handle, ep, intf, data, timeout):
        assert intf in dev_handle.claimed and dev_handle.interfaces[intf] == 7
        return dev_handle.take(bytes(data[:PACKET]) if dev_handle.breaks_after is None else bytes(data))

    def bulk_read(self, dev_handle, ep, intf, buff, timeout):
        if dev_handle.gone:
            raise usb.core.USBError("No such device", errno=errno.ENODEV)
        if not dev_handle.says:
            raise usb.core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT)
        said = bytes(dev_handle.says[: len(buff)])
        del dev_handle.says[: len(said)]
        buff[: len(said)] = type(buff)("B", said)
        return len(said)
