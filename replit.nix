{ pkgs }: {
  deps = [
    pkgs.python312
    pkgs.gnumake
    pkgs.git
    pkgs.stdenv.cc.cc.lib
  ];
}
